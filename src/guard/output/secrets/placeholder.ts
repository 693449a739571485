/**
 * What stands where a secret would: `xxxx`, `your-api-key`, `${TOKEN}`, `<password>`.
 *
 * Never called one: a value with a random part of its own. A secret that contains one of the words by
 * chance (about 1 in 20,000 of 40 letters and digits) is left.
 *
 * @packageDocumentation
 */
const MASKED_OUT = /x{6}|X{6}|\*{3}|\.{3}|…|•{2}|#{4}|^[xX0*._-]+$/
const SAYS_SO =
  /your|place.?holder|insert|replace|change.?(?:me|it|this)|redacted|enter.?(?:the|a|key|pass)|goes.?here|fill.?me|dummy|todo/i
const NAMES_ANOTHER =
  /^[$@]+[A-Za-z_]*$|^\$[{(]|^[<{[]|[}>]$|[[({]$|\$\{|\{\{|^%[A-Za-z_]+%$|^(?:process|os|env|config|settings|self|this|args|request|secrets?|vault)[.[]|::|\(\)/i

/** As vendors end the keys of their documents: `AKIA…EXAMPLE`, `…EXAMPLEKEY`. */
const OF_DOCUMENTS = /EXAMPLE(?:KEY)?$/

/** In the body of a vendor's format. */
export function isFillerBody(body: string): boolean {
  if (MASKED_OUT.test(body) || SAYS_SO.test(body) || OF_DOCUMENTS.test(body)) return true
  return isOneCharacter(body)
}

function isOneCharacter(body: string): boolean {
  const told = body.replaceAll(/[^A-Za-z0-9]/g, '')
  return told.length > 6 && told === told.charAt(0).repeat(told.length)
}

/** In the value behind a label. */
export function isPlaceholder(value: string): boolean {
  return isFillerBody(value) || NAMES_ANOTHER.test(value)
}

/** What people write for a password when they mean any. */
const NO_PASSWORDS: ReadonlySet<string> = new Set(
  `password passwd pass pwd passphrase secret none null nil undefined true false yes no string str text
  varchar char number int integer boolean bool any object required optional hidden empty example test
  user username name email admin root key token value hash hashed plain plaintext uint8array base64 sha256 sha512 md5 utf8 input type field
  mypassword mypass userpassword user_password thepassword the_password db_password dbpassword
  password_hash new_password old_password password_field the a is and or not in for to of my this that
  must should can will may be with from prompt env disabled enabled default const let var await new`
    .trim()
    .split(/\s+/),
)

/** A path, a selector of CSS, a name that speaks of a password. */
const NAMES_PASSWORD =
  /^\/|^#[a-z-]+$|^(?!.*[0-9]).*(?:[_.#/-](?:password|passwd)|Password|(?:password|passwd)s?[_.#/-])/

export function isNoPassword(value: string): boolean {
  if (NO_PASSWORDS.has(value.toLowerCase())) return true
  return isPlaceholder(value) || NAMES_PASSWORD.test(value)
}
