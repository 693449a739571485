/**
 * Letters that look like Latin ones: prototype → the letters that are taken for it.
 *
 * A choice from Unicode's confusables.txt (UTS 39, version 17), lower case, of the scripts that are
 * used to disguise words: Cyrillic, Greek, Armenian, Cherokee, Coptic, Lisu and Latin's own variants.
 * Compatibility forms (full width, mathematical, circled) need no row: NFKC names their letter.
 * Data © Unicode, Inc., Unicode License v3 (https://www.unicode.org/license.txt).
 *
 * @packageDocumentation
 */
const LOOKALIKES: Readonly<Record<string, string>> = {
  a: 'аαɑᴀꭺΑАⱥ',
  b: 'ЬвьᏏʙВΒ',
  c: 'сϲᴄⅽСϹꮯⲥ',
  d: 'ԁɗᏧᴅꓒ',
  e: 'еєҽеϵᴇЕΕꭼⲉ',
  f: 'ϝſƒꜰғ',
  g: 'ɡցɢԍᶃ',
  h: 'һհнʜНΗᏂ',
  i: 'іıιɩɪӏІΙӀꭵⅰ',
  j: 'јϳյᴊЈ',
  k: 'кκᴋКΚⲕқ',
  l: 'ⅼӏʟⳑꓡןǀ',
  m: 'мᴍМΜⲙ',
  n: 'пոηɴΝпⲛ',
  o: 'оοσօᴏОΟӧⲟ',
  p: 'рρᴘРΡⲣ',
  q: 'ԛգզφϙ',
  r: 'гᴦʀꭇⲅꮁ',
  s: 'ѕʂꜱЅꮪ',
  t: 'тτᴛТΤⲧ',
  u: 'цυսᴜʋꭎ',
  v: 'ѵνᴠⅴꮩ',
  w: 'ѡԝաᴡꮃω',
  x: 'хχⅹХΧⲭ',
  y: 'уγүყʏУΥⲩ',
  z: 'ᴢʐƶꮓΖ',
}

/** Lookalike (and its upper case) → Latin letter. */
export const PROTOTYPES: ReadonlyMap<string, string> = new Map(
  Object.entries(LOOKALIKES).flatMap(([latin, others]) =>
    Array.from(others).flatMap((other): [string, string][] => [
      [other, latin],
      [other.toUpperCase(), latin],
      [other.toLowerCase(), latin],
    ]),
  ),
)
