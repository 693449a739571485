import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { expect, test } from 'vitest'
import { sandboxPage } from '../fixtures/sandbox-page.ts'

const PAGE = join(import.meta.dirname, '../../docs/sandbox.md')

test('docs/sandbox.md is what the tables say: vitest -u writes it', async () => {
  const options = await resolveConfig(PAGE)
  await expect(await format(sandboxPage(), { ...options, parser: 'markdown' })).toMatchFileSnapshot(
    PAGE,
  )
})
