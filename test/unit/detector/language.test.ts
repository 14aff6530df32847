import { expect, test } from 'vitest'
import { foreignScript, loadLanguages, unclearLanguage } from '../../../src/detector/language.ts'

const isEnglish = async (text: string): Promise<boolean> => {
  const unclear = unclearLanguage(text)
  return unclear === undefined || (await loadLanguages())(unclear)
}

test.each([
  'The city council approved a budget for road repairs after a four-hour meeting on Tuesday night.',
  'Coronavirus: US CDC confirms 1,576 new #COVID19 cases, 39 deaths today',
  'Kim Kardashian, Kanye West spotted at Los Angeles restaurant',
  'Scientists at CERN discover nothing, publish 400 pages anyway',
])('English: %s', async (text) => {
  expect(await isEnglish(text)).toBe(true)
})

test.each([
  'Die Bundesregierung hat am Mittwoch ein neues Gesetz zur Unterstützung der Wirtschaft beschlossen.',
  'Le gouvernement a annoncé mercredi une nouvelle loi pour soutenir les petites entreprises du pays.',
  'La policía detuvo a tres personas acusadas de robar un banco en el centro de la ciudad.',
  'De regering heeft woensdag een nieuwe wet aangenomen om kleine bedrijven te ondersteunen.',
  'Regeringen fremlagde onsdag et nyt forslag om at støtte de mindre virksomheder i landet.',
  'Правительство в среду приняло новый закон о поддержке малого бизнеса по всей стране.',
  '政府は水曜日に中小企業を支援するための新しい法律を可決しました。',
])('not English: %s', async (text) => {
  expect(await isEnglish(text)).toBe(false)
})

test('plain English needs no library', () => {
  expect(
    unclearLanguage('The mayor said that they would not go there with them before the vote.'),
  ).toBeUndefined()
})

test('another script is told without words or spaces', () => {
  expect(foreignScript('政府は水曜日に')).toBe(true)
  expect(foreignScript('café 12 €')).toBe(false)
})
