/**
 * The weights that ship with this version, read once, while the process starts: later its sandbox
 * lets it read nothing.
 *
 * @packageDocumentation
 */
import { readFileSync } from 'node:fs'
import { readModel } from './model.ts'

export const MODEL = readModel(readFileSync(new URL('./weights.bin', import.meta.url)))
