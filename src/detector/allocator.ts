// How glibc hands out memory in a process that serves. It reads this once, at the start of the process: so whoever starts the
// backend (the supervisor, the image) sets it.

/**
 * Environment of a backend. Each piece of 128 KB or more is a mapping of its own, given back to the system when freed. That is
 * glibc's first setting; but it raises the bound to the largest piece that was ever freed, and then all that loading a model
 * leaves behind stays in the heap of the loading thread: 85 MB with two workers.
 */
export const ALLOCATOR = { MALLOC_MMAP_THRESHOLD_: '131072' } as const
