import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFairQueue, createPace, estimate, type Waiting } from '../../../src/detector/queue.ts'

interface Job extends Waiting {
  id: number
}

const job = (client: string, id: number, cost = 1): Job => ({ client, id, cost })

test('a single text does not wait for another client’s batch', () => {
  const queue = createFairQueue<Job>()
  for (let id = 0; id < 100; id++) queue.push(job('batch', id))
  queue.push(job('single', 1000))
  const order = [queue.shift(), queue.shift(), queue.shift()].map((each) => each?.id)
  expect(order).toEqual([0, 1000, 1])
})

test('what is ahead of a new client’s first text is one job of each other client', () => {
  const queue = createFairQueue<Job>()
  for (let id = 0; id < 100; id++) queue.push(job('batch', id, 5))
  queue.push(job('other', 200, 3))
  expect(queue.ahead('new')).toBe(8)
  expect(queue.ahead('batch')).toBe(503)
})

test('a job put back is the next one', () => {
  const queue = createFairQueue<Job>()
  const first = job('a', 1)
  queue.push(first)
  queue.push(job('a', 2))
  queue.push(job('b', 3))
  queue.shift()
  queue.putBack(first)
  expect([queue.shift(), queue.shift(), queue.shift()].map((each) => each?.id)).toEqual([1, 3, 2])
  expect(queue.depth).toBe(0)
})

test('whatever is pushed, taken out and served: each job leaves once, in its client’s order, clients taking turns', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ do: fc.constant('push' as const), client: fc.constantFrom('a', 'b', 'c', 'd') }),
      fc.record({ do: fc.constant('shift' as const) }),
      fc.record({ do: fc.constant('remove' as const), pick: fc.nat() }),
    ),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(steps, (all) => {
      const queue = createFairQueue<Job>()
      let inside: Job[] = []
      let next = 0
      const leave = (gone: Job): void => {
        expect(inside).toContain(gone)
        inside = inside.filter((each) => each !== gone)
      }
      for (const step of all) {
        if (step.do === 'push') {
          const pushed = job(step.client, next++)
          inside.push(pushed)
          queue.push(pushed)
        } else if (step.do === 'remove') {
          const picked = inside[step.pick % Math.max(1, inside.length)]
          if (picked) {
            expect(queue.remove(picked)).toBe(true)
            expect(queue.remove(picked)).toBe(false)
            leave(picked)
          }
        } else {
          const served = queue.shift()
          if (!served) expect(inside).toEqual([])
          else {
            const own = inside.filter(({ client }) => client === served.client)
            expect(served).toBe(own[0])
            leave(served)
          }
        }
        expect(queue.depth).toBe(inside.length)
      }
      expect(queue.clear().length).toBe(inside.length)
      expect(queue.depth).toBe(0)
    }),
  )
})

test('between two jobs of one client, no other waiting client is served twice', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 }), (clients) => {
      const queue = createFairQueue<Job>()
      for (const [id, client] of clients.entries()) queue.push(job(client, id))
      const served: string[] = []
      for (let each = queue.shift(); each; each = queue.shift()) served.push(each.client)
      for (const client of new Set(clients)) {
        const turns = served.flatMap((name, at) => (name === client ? [at] : []))
        for (const [i, at] of turns.entries()) {
          const between = served.slice((turns[i - 1] ?? -1) + 1, at)
          expect(new Set(between).size).toBe(between.length)
        }
      }
    }),
  )
})

test('the wait is what is ahead and what runs, over the workers, and the job itself', () => {
  const pace = createPace(10, 1)
  expect(estimate({ ahead: 40, own: 10 }, [1, 1], 2, pace)).toBe(4)
  expect(estimate({ ahead: 0, own: 10 }, [5], 2, pace)).toBe(1)
})

test('the pace follows what is measured', () => {
  const pace = createPace(10, 1)
  for (let i = 0; i < 200; i++) pace.learn(10, 2)
  expect(pace.seconds(10)).toBeCloseTo(2)
  expect(pace.mean).toBeCloseTo(2)
})
