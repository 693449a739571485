/**
 * The part of `@huggingface/jinja` that is used. Its own declarations import their neighbours
 * without file extensions, which TypeScript does not resolve for ES modules.
 */
declare module '@huggingface/jinja' {
  export interface Program {
    readonly type: 'Program'
  }
  export function tokenize(
    source: string,
    options: { readonly lstrip_blocks: boolean; readonly trim_blocks: boolean },
  ): readonly object[]
  export function parse(tokens: readonly object[]): Program
  export class Environment {
    set(name: string, value: unknown): void
  }
  export class Interpreter {
    constructor(environment: Environment)
    run(program: Program): { readonly value: unknown }
  }
}
