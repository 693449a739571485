/**
 * The part of `@huggingface/jinja` that is used. Its own declarations import their neighbours
 * without file extensions, which TypeScript does not resolve for ES modules.
 */
declare module '@huggingface/jinja' {
  export interface Node {
    readonly type: string
  }
  export interface Value {
    readonly type: string
    readonly value: unknown
  }
  export function tokenize(
    source: string,
    options: { readonly lstrip_blocks: boolean; readonly trim_blocks: boolean },
  ): readonly object[]
  export function parse(tokens: readonly object[]): Node
  export class Environment {
    set(name: string, value: unknown): Value
    /** As it is, without conversion. */
    setVariable(name: string, value: Value): Value
  }
  export class Interpreter {
    constructor(environment: Environment)
    run(program: Node): Value
    evaluate(node: Node | undefined, environment: Environment): Value
    evaluateBlock(statements: readonly Node[], environment: Environment): Value
  }
}
