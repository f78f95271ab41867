// Judges state machines by AWS's language service: `node validate.js` reads names of files, each on a line, and writes for each a
// line of JSON: its name and what is wrong with it.
'use strict'

const fs = require('node:fs')
const { getLanguageService, TextDocument } = require('amazon-states-language-service')

const service = getLanguageService({})
const SEVERITY = { 1: 'error', 2: 'warning', 3: 'information', 4: 'hint' }

async function faults(file) {
  const document = TextDocument.create(`file://${file}`, 'asl', 1, fs.readFileSync(file, 'utf8'))
  const parsed = service.parseJSONDocument(document)
  const found = await service.doValidation(document, parsed)
  return found.map(({ range, severity, message }) => ({
    line: range.start.line + 1,
    column: range.start.character + 1,
    severity: SEVERITY[severity] ?? 'error',
    message,
  }))
}

async function main(files) {
  for (const file of files) {
    process.stdout.write(`${JSON.stringify({ file, faults: await faults(file) })}\n`)
  }
}

main(fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)).catch((fault) => {
  process.stderr.write(`${fault.stack}\n`)
  process.exitCode = 1
})
