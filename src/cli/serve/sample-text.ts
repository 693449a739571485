/**
 * The first request, ready to paste.
 *
 * Pure.
 *
 * @packageDocumentation
 */
import { originOf, type ApiAddress } from './readiness.ts'

const QUESTION = 'Complete the sentence: The capital of France is'

/**
 * @param key - Shown now and never again; undefined when the client has its key already, and then
 * the lines read it from the environment.
 */
export function sampleText(
  address: ApiAddress,
  model: string,
  key: string | undefined,
): readonly string[] {
  const shown =
    key === undefined
      ? [
          '',
          'the key is the one shown at the first start; `secure-llm client add NAME` makes another',
        ]
      : ['', `API key, shown only now:  ${key}`]
  const usedKey = key ?? '$OPENAI_API_KEY'
  return [
    ...shown,
    ...curlLines(address, model, usedKey),
    ...(address.kind === 'tcp' ? pythonLines(address, model, key) : []),
    '',
    'Ctrl-C stops everything',
  ]
}

function curlLines(address: ApiAddress, model: string, key: string): string[] {
  const where =
    address.kind === 'tcp'
      ? `${originOf(address)}/v1/chat/completions`
      : `--unix-socket ${address.path} http://localhost/v1/chat/completions`
  const body = {
    model,
    stream: true,
    temperature: 0,
    messages: [{ role: 'user', content: QUESTION }],
  }
  return [
    '',
    `curl -N ${where} \\`,
    `  -H "authorization: Bearer ${key}" -H 'content-type: application/json' \\`,
    `  -d '${JSON.stringify(body)}'`,
  ]
}

function pythonLines(address: ApiAddress, model: string, key: string | undefined): string[] {
  // Without one, the SDK itself takes OPENAI_API_KEY from the environment.
  const given = key === undefined ? '' : `, api_key="${key}"`
  return [
    '',
    'from openai import OpenAI',
    `client = OpenAI(base_url="${originOf(address)}/v1"${given})`,
    `answer = client.chat.completions.create(model="${model}", temperature=0, messages=[{"role": "user", "content": "${QUESTION}"}])`,
    'print(answer.choices[0].message.content)',
  ]
}
