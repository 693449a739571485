/**
 * The sampler of one answer: a request's settings, and the grammar it obeys.
 *
 * What it gives: a grammar that can begin in the middle of an answer, with nothing else of the
 * sampler's state changed. What it does not give: the text of grammars (`answer/`).
 *
 * @packageDocumentation
 */
import { Fault, reasonOf } from '../errors.ts'
import type { AddonGrammars, AddonModel, AddonSampler, SamplerConfig } from './llama-internals.ts'

export interface GrammarRules {
  /** GBNF. */
  readonly text: string
  /** The rule that the next token begins. */
  readonly root: string
}

interface Parts {
  readonly model: AddonModel
  readonly grammars: AddonGrammars
}

export class Sampler {
  readonly addon: AddonSampler
  readonly #parts: Parts
  readonly #config: SamplerConfig

  constructor(addon: AddonSampler, parts: Parts, config: SamplerConfig) {
    this.addon = addon
    this.#parts = parts
    this.#config = config
    addon.applyConfig(config)
  }

  /**
   * From the next token on.
   *
   * @throws Fault `ENGINE_GRAMMAR`
   */
  obey({ text, root }: GrammarRules): void {
    const { model, grammars } = this.#parts
    try {
      const options = { addonExports: grammars, rootRuleName: root }
      const grammar = new grammars.AddonGrammar(text, options)
      const grammarEvaluationState = new grammars.AddonGrammarEvaluationState(model, grammar)
      // The addon changes only what differs: seed and penalties go on from where they are.
      this.addon.applyConfig({ ...this.#config, grammarEvaluationState })
    } catch (cause) {
      // The parser's words may quote the grammar, which holds a stranger's schema.
      const why = reasonOf(cause) === 'Failed to parse grammar' ? 'does not parse' : 'is refused'
      throw new Fault('ENGINE_GRAMMAR', `a grammar of ${text.length} characters ${why}`, { cause })
    }
  }

  dispose(): void {
    this.addon.dispose()
  }
}
