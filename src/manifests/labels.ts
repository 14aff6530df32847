// Names that tie objects to a stack: namespaces, labels, selectors. Whatever finds, prunes or removes objects asks here.

import type { Component } from '../runtime/runtime.ts'

/** Prefix of every label and annotation that is fnd's own. */
const DOMAIN = 'fnd.dev'

/** Carried by every object of a stack, with the stack's name; pruning and `down` go by it. */
export const STACK_LABEL = `${DOMAIN}/stack`

/** Annotation of pod templates: a hash of the ConfigMaps and Secrets they mount, so that a change rolls the pods. */
export const CONFIG_ANNOTATION = `${DOMAIN}/config`

/** Label of namespaces whose pods may call the backend, where a network policy would refuse them otherwise. */
export const CLIENT_LABEL = `${DOMAIN}/backend-client`

/** Field manager of Server-Side Apply and the value of app.kubernetes.io/managed-by. */
export const MANAGER = 'fnd'

/** Application names of the components, for app.kubernetes.io/name. */
const APPLICATION: Record<Component, string> = {
  backend: 'fnd-backend',
  prometheus: 'prometheus',
  grafana: 'grafana',
  s3: 'versitygw',
}

export type Labels = Readonly<Record<string, string>>

/** Where a stack's objects live. */
export interface Namespaces {
  backend: string
  monitoring: string
}

/** The namespaces of a stack: plain names for the default stack, with its name behind them for any other. */
export function namespacesOf(stack: string): Namespaces {
  const suffix = stack === 'fnd' ? '' : `-${stack}`
  return { backend: `fake-news-app${suffix}`, monitoring: `monitoring${suffix}` }
}

/** Labels of an object that belongs to the stack as a whole. */
export function stackLabels(stack: string, version: string): Labels {
  return {
    'app.kubernetes.io/part-of': 'fnd',
    'app.kubernetes.io/managed-by': MANAGER,
    'app.kubernetes.io/instance': stack,
    ...versionLabel(version),
    [STACK_LABEL]: stack,
  }
}

/** Labels of an object that belongs to one component; `version` is the component's own. */
export function componentLabels(stack: string, component: Component, version: string): Labels {
  return {
    'app.kubernetes.io/name': APPLICATION[component],
    'app.kubernetes.io/component': component,
    ...stackLabels(stack, version),
  }
}

/** The labels that select a component's pods; a workload's selector can never change, so they hold no version. */
export function componentSelector(stack: string, component: Component): Labels {
  return { 'app.kubernetes.io/name': APPLICATION[component], 'app.kubernetes.io/instance': stack }
}

/** A label selector for everything that fnd made for a stack, as the API takes it. */
export function stackSelector(stack: string): string {
  return `${STACK_LABEL}=${stack},app.kubernetes.io/managed-by=${MANAGER}`
}

/** Versions are free text (an image tag); a label value is not: at most 63 characters, letters and digits at both ends. */
function versionLabel(version: string): Labels {
  const value = version
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
  return value ? { 'app.kubernetes.io/version': value } : {}
}
