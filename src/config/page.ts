/**
 * The configuration as a page for people and as an example file, both made from the schema.
 *
 * @packageDocumentation
 */
import { listSettings } from './keys.ts'
import { Config } from './schema.ts'

const HEAD = `# Configuration

<!-- Made by scripts/config-docs.ts from src/config/schema.ts; a test holds them together. -->

\`config.json\` in the state folder, or \`--config FILE\`. Over the file stands the environment, over
the environment \`--set KEY=VALUE\`. Unknown settings are refused, and everything that is wrong is named
at once. \`secure-llm config check\` reads it without starting anything;
\`secure-llm config explain KEY\` says where a value comes from.

\`\`\`json
{ "gateway": { "maxJobs": 4 }, "memory": { "lock": "required" } }
\`\`\`

The state folder is \`--state DIR\`, else \`SECURE_LLM_STATE\`, else \`$XDG_STATE_HOME/secure-llm\`, else
\`~/.local/state/secure-llm\`.

`

export function configurationPage(): string {
  const sections = listSettings().map((row) => {
    const lines = [
      `## ${row.key}`,
      row.reason,
      `- type: ${row.type}`,
      `- default: \`${JSON.stringify(row.default)}\``,
      `- environment: \`${row.variable}\``,
    ]
    const [title, reason, ...rest] = lines
    return `${title ?? ''}\n\n${reason ?? ''}\n\n${rest.join('\n')}\n`
  })
  return HEAD + sections.join('\n')
}

/** Every setting at its default. */
export function exampleFile(): string {
  return `${JSON.stringify(Config.parse({}), null, 2)}\n`
}
