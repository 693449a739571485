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
import { entryOf, isKeyOf, mapMethod } from './jinja-maps.ts'
import { fillBraces, replace, split, strip, STRIP_SIDES } from './jinja-strings.ts'
import {
  arrayIn,
  fieldOf,
  GivenNode,
  integerIn,
  isAbsent,
  makeArray,
  makeValue,
  mapIn,
  nodeIn,
  nodesIn,
  stringIn,
  textIn,
  withFields,
} from './jinja-values.ts'
import { jsonStyle } from './json-style.ts'
import { Budget } from './render-budget.ts'
import { jsonText, plainText } from './value-text.ts'

const COMPARISONS = ['==', '!=', 'in', 'not in', '<', '>', '<=', '>=']
const WHOLE_TEXT = ['upper', 'lower', 'title', 'capitalize']
const LIST_FILTERS = ['length', 'list', 'selectattr', 'rejectattr', 'map', 'join']
const TEXT_FILTERS = ['trim', 'upper', 'lower', 'title', 'capitalize', 'replace', 'string']
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
    this.#budget.spend(1)
    const value = this.#evaluateOwn(node, environment) ?? super.evaluate(node, environment)
    this.#budget.weigh(value)
    return value
  }

  #evaluateOwn(node: Node | undefined, environment: Environment): Value | null {
    switch (node?.type) {
      case 'BinaryExpression':
        return this.#join(node, environment) ?? this.#compare(node, environment)
      case 'MemberExpression':
        return this.#member(node, environment)
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
    return makeArray(items.map((item) => this.#reveal(item)))
  }

  #compare(node: Node, environment: Environment): Value | null {
    const operator = textIn(node, 'operator')
    if (!COMPARISONS.includes(operator)) return null
    const [left, right] = this.#sides(node, environment)
    const isKey = operator.endsWith('in') ? isKeyOf(left, right, this.#disguise) : null
    if (isKey !== null) return makeValue(isKey === (operator === 'in'))
    return super.evaluate(
      withFields(node, {
        left: new GivenNode(this.#reveal(left)),
        right: new GivenNode(this.#reveal(right)),
      }),
      environment,
    )
  }

  #sides(node: Node, environment: Environment): [Value, Value] {
    const left = this.evaluate(nodeIn(node, 'left'), environment)
    return [left, this.evaluate(nodeIn(node, 'right'), environment)]
  }

  /** `+` and `~` with a text on one side; what is absent on the other adds nothing. */
  #join(node: Node, environment: Environment): Value | null {
    const operator = textIn(node, 'operator')
    if (operator !== '+' && operator !== '~') return null
    const [left, right] = this.#sides(node, environment)
    const isText = operator === '~' || stringIn(left) !== null || stringIn(right) !== null
    const isBothAbsent = isAbsent(left) && isAbsent(right)
    if (isText && !isBothAbsent) {
      const texts = [left, right].map((side) => plainText(side, this.#disguise) ?? '')
      return makeValue(texts.join(''))
    }
    return super.evaluate(
      withFields(node, { left: new GivenNode(left), right: new GivenNode(right) }),
      environment,
    )
  }

  /** A key of an object, whoever wrote it; everything else is the library's. */
  #member(node: Node, environment: Environment): Value | null {
    const object = this.evaluate(nodeIn(node, 'object'), environment)
    const map = mapIn(object)
    const isComputed = fieldOf(node, 'computed') === true
    const property = nodeIn(node, 'property')
    const given = { object: new GivenNode(object) }
    if (map === null || property?.type === 'SliceExpression') {
      return super.evaluate(withFields(node, given), environment)
    }
    const key = isComputed ? this.evaluate(property, environment) : null
    const name = key === null ? textIn(node, 'property') : stringIn(key)
    const found = name === null ? undefined : entryOf(map, name, this.#disguise)
    if (found !== undefined) return found
    if (name === null) return makeValue(undefined)
    const asked = key === null ? given : { ...given, property: new GivenNode(key) }
    return super.evaluate(withFields(node, asked), environment)
  }

  /** What a value puts out is what llama.cpp and Python write. */
  override evaluateBlock(statements: readonly Node[], environment: Environment): Value {
    let text = ''
    for (const statement of statements) {
      const value = this.evaluate(statement, environment)
      text += plainText(value, this.#disguise) ?? ''
    }
    return makeValue(text)
  }

  #loop(node: Node, environment: Environment): Value | null {
    const iterable = nodeIn(node, 'iterable')
    if (iterable === undefined) return null
    const isSelected = iterable.type === 'SelectExpression'
    const found = this.evaluate(isSelected ? nodeIn(iterable, 'lhs') : iterable, environment)
    const list = isAbsent(found) ? makeArray([]) : unpackable(found)
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
    const own = this.#ownMethod(method, object, args.values)
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
    if (name === 'tojson') {
      const style = jsonStyle(isCall ? nodesIn(filter, 'args') : [], args.values)
      return makeValue(jsonText(operand, style, this.#disguise))
    }
    const text = name === 'string' ? plainText(operand, this.#disguise) : null
    if (text !== null) return makeValue(text)
    const own = this.#ownMethod(name, operand, args.values)
    if (own !== null) return own
    const list = presentFor(name, operand)
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

  #ownMethod(name: string, value: Value, args: readonly Value[]): Value | null {
    if (name === 'items' && isAbsent(value)) return makeArray([])
    const map = mapIn(value)
    if (map !== null) return mapMethod(name, map, args, this.#disguise)
    const text = stringIn(value)
    return text === null ? null : this.#textMethod(name, text, args)
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

/** llama.cpp's filters take what is not there for an empty list or text. */
function presentFor(filter: string, operand: Value): Value {
  if (isAbsent(operand) && LIST_FILTERS.includes(filter)) return makeArray([])
  const isText = operand.type === 'UndefinedValue' && TEXT_FILTERS.includes(filter)
  return isText ? makeValue('') : operand
}

/** The library unpacks lists only, not tuples. */
function unpackable(list: Value): Value {
  const items = arrayIn(list)
  if (items?.some(({ type }) => type === 'TupleValue') !== true) return list
  return makeArray(
    items.map((item) => (item.type === 'TupleValue' ? makeArray(arrayIn(item) ?? []) : item)),
  )
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
