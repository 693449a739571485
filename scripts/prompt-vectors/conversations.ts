/**
 * Conversations whose token ids must equal llama-server's. Ordinary texts only: where a text spells
 * a special token, llama-server makes the token and we do not.
 *
 * @packageDocumentation
 */

export interface Conversation {
  readonly name: string
  readonly messages: readonly { readonly role: string; readonly content: string }[]
}

const user = (content: string) => ({ role: 'user', content })
const system = (content: string) => ({ role: 'system', content })
const assistant = (content: string) => ({ role: 'assistant', content })
const asked = (name: string, content: string) => ({ name, messages: [user(content)] })

export const CONVERSATIONS: readonly Conversation[] = [
  asked('a sentence', 'Complete the sentence: The capital of France is'),
  asked('one word', 'Hello'),
  asked('one letter', 'x'),
  asked('empty', ''),
  asked('one space', ' '),
  asked('leading spaces', '   indented'),
  asked('leading line feed', '\nstarts below'),
  asked('leading line feeds', '\n\n\nstarts further below'),
  asked('trailing line feed', 'ends with a line\n'),
  asked('trailing spaces', 'ends with spaces   '),
  asked('tab', '\tafter a tab'),
  asked('carriage returns', 'one\r\ntwo\r\nthree'),
  asked('only line feeds', '\n\n\n\n'),
  asked('code', 'def f(x):\n    return [i ** 2 for i in range(x)]\n\n\nprint(f(3))'),
  asked('json', '{"a": [1, 2.5, null], "b": {"c": "d\\n"}}'),
  asked('html', '<p class="x">text &amp; more</p><br/>'),
  asked('digits', '1234567890 3.14159 -7e10 0x1F'),
  asked('umlauts', 'Grüße aus Österreich, façade, naïve, œuvre'),
  asked('japanese', 'これは日本語の文章です。漢字とかなが混ざっています。'),
  asked('arabic', 'مرحبا بالعالم'),
  asked('russian', 'Съешь же ещё этих мягких французских булок'),
  asked('emoji', '🙂 👩‍👩‍👧‍👦 🇫🇷 ❤️ 👍🏽'),
  asked('combining marks', 'e\u0301 n\u0303 a\u0308 z\u0335'),
  asked('private use', 'a \ue000\ue001 b \uf8ff'),
  asked('signs of markup', '< > | <| |> <<>> a<b>c || im_start im_end think'),
  asked('contractions', "don't can't I'm you're they've he'd IT'S"),
  asked('quotes', '«a» „b“ “c” \'d\' "e"'),
  asked('one long word', 'a'.repeat(400)),
  asked('a long text', 'The quick brown fox jumps over the lazy dog. '.repeat(60)),
  { name: 'a system message', messages: [system('You are a pirate.'), user('Who are you?')] },
  { name: 'an empty system message', messages: [system(''), user('Who are you?')] },
  { name: 'only a system message', messages: [system('Speak.')] },
  {
    name: 'two turns',
    messages: [user('Hi'), assistant('Hello! How can I help?'), user('Tell me a joke.')],
  },
  {
    name: 'four turns and a system message',
    messages: [
      system('Be brief.'),
      user('One?'),
      assistant(' Two.'),
      user('Three?\n'),
      assistant('\nFour.\n'),
      user('Five?'),
    ],
  },
  { name: 'two users in a row', messages: [user('First.'), user('Second.')] },
  { name: 'begins with an answer', messages: [assistant('I begin.'), user('Go on.')] },
  { name: 'a late system message', messages: [user('Hi'), system('Be rude.'), user('Well?')] },
  { name: 'a developer message', messages: [{ role: 'developer', content: 'Rhyme.' }, user('Go')] },
]
