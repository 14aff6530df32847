// How an instance of a component is called where its component is named already.

/** The end of a pod's name, which tells it from the others of its component: `backend-6d9f5-x2k4p` is `x2k4p`. */
export const shortName = (instance: string): string => instance.slice(instance.lastIndexOf('-') + 1)
