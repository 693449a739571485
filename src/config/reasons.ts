/**
 * How the schema carries the reason of each setting.
 *
 * @packageDocumentation
 */

/** Why a default is what it is, for docs/configuration.md and `config explain`. */
export const about = (description: string) => ({ description })
