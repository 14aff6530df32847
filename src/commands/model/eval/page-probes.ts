// Robustness, shortcuts and explanations as sections of the page.

import { count, tally } from '../../../format.ts'
import { type Html, html } from '../../../output/html.ts'
import type { EvalAnswer } from './answer.ts'
import { hundredths, METHOD_NAMES, plainly, signed, times } from './render-probes.ts'

type Changes = NonNullable<EvalAnswer['robustness']>

/** The sections that were asked for. */
export function probeSections({ robustness, shortcuts, explanations }: EvalAnswer): Html {
  return html`${robustness ? robustnessSection(robustness) : ''}${shortcuts ? shortcutSection(shortcuts) : ''}${explanations ? explanationSection(explanations) : ''}`
}

function robustnessSection({ texts, seed, changes }: Changes): Html {
  return html`<h2>Robustness</h2>
<p>${tally(texts, 'text')} drawn at random (seed ${seed}), changed in ways after which a reader would say the same. In %. Verdict flips (Fake to Real or back) and newly withheld ones are of the verdicts given before; moved by: points of probability, either way.</p>
<table><thead><tr><th></th><th>Texts</th><th>Leaning flips</th><th>Verdict flips</th><th>Withheld newly</th><th>Moved by</th></tr></thead><tbody>
${changes.map(
  ({ name, what, n, leaningFlipped, verdictFlipped, withheld, moved }) =>
    html`<tr>${heading(name, what)}<td>${count(n)}</td><td>${hundredths(leaningFlipped)}</td><td>${hundredths(verdictFlipped)}</td><td>${hundredths(withheld)}</td><td>${hundredths(moved)}</td></tr>`,
)}
</tbody></table>
`
}

function shortcutSection({ texts, seed, changes }: Changes): Html {
  return html`<h2>Shortcuts</h2>
<p>How far marks of a source or a style, which say nothing of the truth, move the probability of fake: ${tally(texts, 'text')} drawn at random (seed ${seed}). In points; below 0 is towards Real. Flips in % of the texts.</p>
<table><thead><tr><th></th><th>Texts</th><th>Towards Fake</th><th>Moved by</th><th>Leaning flips</th></tr></thead><tbody>
${changes.map(
  ({ name, what, n, towardsFake, moved, leaningFlipped }) =>
    html`<tr>${heading(name, what)}<td>${count(n)}</td><td>${signed(towardsFake)}</td><td>${hundredths(moved)}</td><td>${hundredths(leaningFlipped)}</td></tr>`,
)}
</tbody></table>
`
}

function explanationSection({ n, methods }: NonNullable<EvalAnswer['explanations']>): Html {
  return html`<h2>Explanations</h2>
<p>${tally(n, 'text')} of 3 sentences or more. Fall: points that the probability of the likelier class loses without the sentence that is said to have spoken most for it, and without one taken at random. Agreement: rank correlation with leave one out. Cost: times one prediction.</p>
<table><thead><tr><th></th><th>Fall, top out</th><th>Fall, any out</th><th>More by</th><th>Agreement</th><th>Cost</th></tr></thead><tbody>
${methods.map(
  ({ method, fall, randomFall, gain, agreement, cost }) =>
    html`<tr><th scope="row">${METHOD_NAMES[method]}</th><td>${hundredths(fall)}</td><td>${hundredths(randomFall)}</td><td>${hundredths(gain)}</td><td>${plainly(agreement)}</td><td>${times(cost)}</td></tr>`,
)}
</tbody></table>
`
}

const heading = (name: string, what: string): Html =>
  html`<th scope="row">${name} <span class="quiet">${what}</span></th>`
