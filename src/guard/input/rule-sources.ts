/**
 * Where the rules come from.
 *
 * @packageDocumentation
 */
export const SOURCES = {
  owasp: 'OWASP LLM01:2026, direct and indirect prompt injection',
  hackaprompt: 'HackAPrompt taxonomy: context ignoring (Schulhoff 2023)',
  perez: 'Perez and Ribeiro 2022, goal hijacking and prompt leaking',
  shen: 'Shen et al. 2023, “Do Anything Now”: jailbreak prompts in the wild',
  greshake: 'Greshake et al. 2023, indirect prompt injection',
  embrace: 'Rehberger, data exfiltration through rendered images',
} as const
