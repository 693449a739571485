/**
 * The configuration as a page for people and as an example file, both made from the schema.
 *
 * @packageDocumentation
 */
import { listModelSettings, listProfileSettings, listSettings, type SettingRow } from './keys.ts'
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

const MODELS = `
# Several models

\`\`\`json
{
  "models": {
    "gemma-3-270m": { "idleMs": 60000, "contextTokens": 2048, "slots": 2, "adapters": ["poet"] },
    "minilm": { "kind": "embedding", "load": "start" }
  },
  "memory": { "modelsBytes": 4000000000 }
}
\`\`\`

serves both beside the default model, and a third as \`gemma-3-270m:poet\`. What a row may hold:

`

const PROFILES = `
# Profiles of the guard

\`\`\`json
{
  "guard": {
    "profile": "office",
    "profiles": {
      "office": { "base": "strict", "output": { "email": "allow", "prompt-leak": "stop" } },
      "agents": { "base": "coding", "untrusted": { "injection": "redact" }, "documents": "delimit" }
    },
    "denyList": ["project nightingale"],
    "patterns": [{ "name": "badge", "pattern": "BADGE-[0-9]{6}", "literal": "BADGE-" }]
  }
}
\`\`\`

\`office\` holds for clients that name no profile; \`secure-llm client add NAME --guard agents\` names one. Classes and
what may be done about each are in [guard.md](guard.md). What a row may hold:

`

const section = ({ key, reason }: SettingRow, lines: readonly string[]) =>
  `## ${key}\n\n${reason}\n\n${lines.join('\n')}\n`

const defaultLine = (row: SettingRow) =>
  row.default === undefined ? [] : [`- default: \`${JSON.stringify(row.default)}\``]

export function configurationPage(): string {
  const sections = listSettings().map((row) =>
    section(row, [
      `- type: ${row.type}`,
      ...defaultLine(row),
      `- environment: \`${row.variable}\``,
    ]),
  )
  const rowsOf = (rows: readonly SettingRow[]) =>
    rows.map((row) => section(row, [`- type: ${row.type}`, ...defaultLine(row)])).join('\n')
  const ofModels = MODELS + rowsOf(listModelSettings())
  return HEAD + sections.join('\n') + ofModels + PROFILES + rowsOf(listProfileSettings())
}

/** Every setting at its default. */
export function exampleFile(): string {
  return `${JSON.stringify(Config.parse({}), null, 2)}\n`
}
