/**
 * The Jinja library's interpreter with bounds, and with comparisons that see through a disguise.
 *
 * A chat template comes with the model and may be hostile: `range(300000000)` alone kills V8. Here
 * every node costs a step, long strings and lists cost more, and what one call could blow up is
 * weighed before. The bounds are many times what real templates need; beyond them is a fault.
 *
 * @packageDocumentation
 */
import { Interpreter, type Environment, type Node, type Value } from '@huggingface/jinja'
import type { Disguise } from './disguise.ts'
import { fillBraces, replace, split, strip, STRIP_SIDES } from './jinja-strings.ts'
import {
  arrayIn,
  fieldOf,
  GivenNode,
  integerIn,
  isAbsent,
  makeValue,
  nodeIn,
  nodesIn,
  RevealedNode,
  stringIn,
  textIn,
  withFields,
} from './jinja-values.ts'
import { Budget } from './render-budget.ts'

const COMPARISONS = ['==', '!=', 'in', 'not in', '<', '>', '<=', '>=']
const WHOLE_TEXT = ['upper', 'lower', 'title', 'capitalize']
/** Filters that take what is not there for an empty list, as llama.cpp does. */
const LIST_FILTERS = ['length', 'list', 'selectattr', 'rejectattr', 'map', 'join']
const PLAIN_TEXT = ['int', 'float', 'startswith', 'endswith']

export class BoundedInterpreter extends Interpreter {
  readonly #disguise: Disguise
  readonly #budget = new Budget()

  constructor(environment: Environment, disguise: Disguise) {
    super(environment)
    this.#disguise = disguise
  }

  override evaluate(node: Node | undefined, environment: Environment): Value {
    if (node instanceof GivenNode) return node.value
    if (node instanceof RevealedNode) return this.#reveal(this.evaluate(node.inner, environment))
    this.#budget.spend(1)
    const value = this.#evaluateOwn(node, environment) ?? super.evaluate(node, environment)
    this.#budget.weigh(value)
    return value
  }

  #evaluateOwn(node: Node | undefined, environment: Environment): Value | null {
    switch (node?.type) {
      case 'BinaryExpression':
        return this.#compare(node, environment)
      case 'CallExpression':
        return this.#callMethod(node, environment)
      case 'FilterExpression':
        return this.#filter(node, environment)
      case 'FilterStatement':
        return this.evaluate(asFilterExpression(node), environment)
      case 'For':
        return this.#loop(node, environment)
      default:
        return null
    }
  }

  #reveal(value: Value): Value {
    const text = stringIn(value)
    if (text !== null) return makeValue(this.#disguise.reveal(text))
    const items = arrayIn(value)
    if (items?.some((item) => stringIn(item) !== null) !== true) return value
    const revealed = makeValue([])
    Object.assign(revealed, { value: items.map((item) => this.#reveal(item)) })
    return revealed
  }

  #compare(node: Node, environment: Environment): Value | null {
    if (!COMPARISONS.includes(textIn(node, 'operator'))) return null
    const left = new RevealedNode(nodeIn(node, 'left'))
    const right = new RevealedNode(nodeIn(node, 'right'))
    return super.evaluate(withFields(node, { left, right }), environment)
  }

  #loop(node: Node, environment: Environment): Value | null {
    const iterable = nodeIn(node, 'iterable')
    if (iterable === undefined) return null
    const isSelected = iterable.type === 'SelectExpression'
    const found = this.evaluate(isSelected ? nodeIn(iterable, 'lhs') : iterable, environment)
    const list = isAbsent(found) ? makeValue([]) : found
    this.#budget.spend(arrayIn(list)?.length ?? 0)
    const given = new GivenNode(list)
    return super.evaluate(
      withFields(node, { iterable: isSelected ? withFields(iterable, { lhs: given }) : given }),
      environment,
    )
  }

  #callMethod(node: Node, environment: Environment): Value | null {
    const callee = nodeIn(node, 'callee')
    if (callee?.type !== 'MemberExpression' || fieldOf(callee, 'computed') === true) return null
    const object = this.evaluate(nodeIn(callee, 'object'), environment)
    const method = textIn(callee, 'property')
    const args = this.#evaluateArguments(node, environment)
    this.#budget.checkGrowth(object, args.values)
    const text = stringIn(object)
    const own = text === null ? null : this.#textMethod(method, text, args.values)
    if (own !== null) return own
    const seen = PLAIN_TEXT.includes(method) ? this.#reveal(object) : object
    return super.evaluate(
      withFields(node, {
        callee: withFields(callee, { object: new GivenNode(seen) }),
        args: args.nodes,
      }),
      environment,
    )
  }

  #filter(node: Node, environment: Environment): Value | null {
    const filter = nodeIn(node, 'filter')
    if (filter === undefined) return null
    const operand = this.evaluate(nodeIn(node, 'operand'), environment)
    const isCall = filter.type === 'CallExpression'
    const name = isCall ? textIn(filter, 'callee') : textIn(filter, 'value')
    // `selectattr` wants its arguments as the template wrote them; they are names, and short.
    const isWritten = !isCall || name === 'selectattr' || name === 'rejectattr'
    const args = isWritten
      ? { nodes: [], values: [] }
      : this.#evaluateArguments(filter, environment)
    this.#budget.checkGrowth(operand, args.values)
    const text = stringIn(operand)
    const own = text === null ? null : this.#textMethod(name, text, args.values)
    if (own !== null) return own
    const isEmptyList = isAbsent(operand) && LIST_FILTERS.includes(name)
    const list = isEmptyList ? makeValue([]) : operand
    const seen = PLAIN_TEXT.includes(name) ? this.#reveal(operand) : list
    return super.evaluate(
      withFields(node, {
        operand: new GivenNode(seen),
        filter: isWritten ? filter : withFields(filter, { args: args.nodes }),
      }),
      environment,
    )
  }

  /** Evaluated once here, then handed on. */
  #evaluateArguments(node: Node, environment: Environment): { nodes: unknown[]; values: Value[] } {
    const values: Value[] = []
    const nodes = nodesIn(node, 'args').map((argument) => {
      const isWrapped = ['KeywordArgumentExpression', 'SpreadExpression', 'KeywordSpreadExpression']
      const field = argument.type === 'KeywordArgumentExpression' ? 'value' : 'argument'
      const inner = isWrapped.includes(argument.type) ? nodeIn(argument, field) : argument
      const value = this.evaluate(inner, environment)
      values.push(value)
      const given = new GivenNode(value)
      return inner === argument ? given : withFields(argument, { [field]: given })
    })
    return { nodes, values }
  }

  /** What compares a part of the text, or changes all of it; null leaves it to the library. */
  #textMethod(name: string, text: string, args: readonly Value[]): Value | null {
    const plain = this.#disguise.reveal(text)
    const words = args.map((arg) => {
      const word = stringIn(arg)
      return word === null ? null : this.#disguise.reveal(word)
    })
    const [first = null, second = null] = words
    const most = integerIn(args.at(-1) ?? makeValue(null)) ?? -1
    const times = most < 0 ? Number.POSITIVE_INFINITY : most
    const sides = STRIP_SIDES[name]
    if (sides !== undefined) return makeValue(strip(text, plain, first, sides))
    if (name === 'split' && first !== null && first !== '') {
      return makeValue(split(text, plain, first, times))
    }
    if (name === 'replace' && first !== null && first !== '' && second !== null) {
      const by = stringIn(args[1] ?? makeValue('')) ?? second
      return makeValue(replace(text, plain, { old: first, by }, times))
    }
    if (name === 'format') return makeValue(fillBraces(text, args.map(stringIn)))
    // Changed letters are no longer those the disguise knows: all of it counts as a stranger's.
    if (!WHOLE_TEXT.includes(name) || plain === text) return null
    return makeValue(this.#disguise.hide(changeCase(name, plain)))
  }
}

/** `{% filter f %}body{% endfilter %}` is the body through the filter. */
function asFilterExpression(node: Node): Node {
  const operand = { type: 'Program', body: nodesIn(node, 'body') }
  return withFields(node, { type: 'FilterExpression', operand })
}

function changeCase(name: string, text: string): string {
  if (name === 'upper') return text.toUpperCase()
  if (name === 'lower') return text.toLowerCase()
  if (name === 'title') return text.replace(/\b\w/g, (letter) => letter.toUpperCase())
  return text.charAt(0).toUpperCase() + text.slice(1)
}
