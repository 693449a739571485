/**
 * A daemon that serves while broken models of every class are imported beside it by the command
 * line: it answers all the time by the same processes, every refusal is in the record, and nothing
 * of a refused model stays.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { EXIT } from '../../src/errors.ts'
import { MUTATION_CLASSES, mutatedModels, type MutatedModel } from '../fixtures/mutated-models.ts'
import { ask, isAlive, makeTinyHome, stateListing, type TinyHome } from '../process/tiny-daemon.ts'

/** Of each class, spread over it. */
const OF_EACH = 6
const NAME = 'broken'
const PAUSE_MS = 100

function* spread(): Generator<MutatedModel> {
  const seen = new Map<string, number>()
  for (const model of mutatedModels()) {
    const index = seen.get(model.of) ?? 0
    seen.set(model.of, index + 1)
    const every = Math.floor(MUTATION_CLASSES[model.of] / OF_EACH)
    if (index % every === 0 && index / every < OF_EACH) yield model
  }
}

type Ending = 'loaded' | 'refused'

/** A model that loads after all is taken out again. */
async function importOne({ command }: TinyHome, { bytes }: MutatedModel): Promise<Ending> {
  const args = ['model', 'import', '-', '--name', NAME, '--trial-seconds', '20']
  const { code, err } = await command(args, bytes)
  if (code === EXIT.ok) {
    expect(await command(['model', 'remove', NAME, '--yes'])).toMatchObject({ code: EXIT.ok })
    return 'loaded'
  }
  expect(err).toContain('(MODEL_REFUSED)')
  expect(code).toBe(EXIT.permanent)
  return 'refused'
}

/** Asks until it is told to stop; every answer must be one. */
async function keepAsking(where: { url: string; key: string }, over: AbortSignal): Promise<number> {
  let answers = 0
  while (!over.aborted) {
    const response = await ask(where)
    expect(response.status, await response.text()).toBe(200)
    answers++
    await sleep(PAUSE_MS)
  }
  return answers
}

test('a serving daemon and broken models of every class', async () => {
  const place = await makeTinyHome()
  const daemon = await place.serve()
  try {
    const { url, processes } = daemon.ready
    const over = new AbortController()
    const asking = keepAsking({ url, key: place.key }, over.signal)
    // A first failure of it must not wait for the end.
    asking.catch(() => undefined)
    const before = stateListing(place.state)
    const endings: { of: string; ending: Ending }[] = []
    for (const model of spread()) {
      const ending = await importOne(place, model)
      endings.push({ of: model.of, ending })
      expect(stateListing(place.state), `${model.number} ${model.change}`).toEqual(before)
    }
    over.abort()
    const answers = await asking
    const count = (wanted: Ending) => endings.filter(({ ending }) => ending === wanted).length
    console.log(
      `daemon: ${endings.length} imports beside it, ${count('loaded')} loaded, ` +
        `${count('refused')} refused, ${answers} answers in between, same processes`,
    )
    expect(endings).toHaveLength(OF_EACH * Object.keys(MUTATION_CLASSES).length)
    expect(new Set(endings.map(({ of }) => of)).size).toBe(Object.keys(MUTATION_CLASSES).length)
    expect(count('refused')).toBeGreaterThan(count('loaded'))
    expect(answers).toBeGreaterThan(endings.length)
    expect(Object.values(processes).every(isAlive)).toBe(true)
    const types = place.records().map(({ type }) => type)
    expect(types.filter((type) => type === 'model.refused')).toHaveLength(count('refused'))
    // The model that is served is the first.
    expect(types.filter((type) => type === 'model.added')).toHaveLength(1 + count('loaded'))
    expect(types).not.toContain('process.died')
    expect(await place.command(['audit', 'verify'])).toMatchObject({ code: EXIT.ok })
  } finally {
    await daemon.stop()
    place.remove()
  }
})
