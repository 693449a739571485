/** Secrets without a form of their own: of this shape behind the name of this vendor. */
import type { LabelledRow } from '../secret-row.ts'
import { LABELLED_A_TO_G } from './labelled-a-to-g.ts'
import { LABELLED_H_TO_Z } from './labelled-h-to-z.ts'

export const LABELLED_FORMATS: readonly LabelledRow[] = [...LABELLED_A_TO_G, ...LABELLED_H_TO_Z]
