// docs/commands.md: the help of every command.

import { createProgram } from '../../dist/cli.js'

export function commandsPage() {
  const program = createProgram({ version: () => '', print: () => {}, width: () => 80 }, async () => {})
  const sections = (parent, name) =>
    parent.commands.flatMap((command) => {
      const title = `${name} ${command.name()}`
      let text = ''
      command.configureOutput({
        writeOut: (part) => {
          text += part
        },
        getOutHelpWidth: () => 80,
      })
      command.outputHelp()
      return [`## ${title}\n\n\`\`\`\n${text.trim()}\n\`\`\``, ...sections(command, title)]
    })
  return {
    'docs/commands.md': `# Commands

Generated from the command table (\`src/commands/table.ts\`): what \`fnd <command> --help\` prints. \`--json\` answers
\`{"ok": true, "data": …}\` with the schema in \`docs/schemas/<command>.json\`, or \`{"ok": false, "error": …}\`
(\`docs/errors.md\`); commands that stream (\`logs\`, \`predict --input\`, \`health --watch\`) print one JSON document a line,
\`docs/schemas/<command>.row.json\`.

${sections(program, 'fnd').join('\n\n')}
`,
  }
}
