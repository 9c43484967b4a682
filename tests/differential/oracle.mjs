// Reads one simulation per line, writes one answer per line, in order.
// Runs @cloud-copilot/iam-simulate (AGPL-3.0) as a program of its own; nothing of it is part of this repository.
import { createInterface } from 'node:readline'
import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'

const answerTo = async (simulation) => {
  if (simulation.request.principal === 'anonymous') simulation.request.principal = anonymousPrincipal
  try {
    const answer = await runSimulation(simulation, { simulationMode: 'Strict' })
    if (answer.resultType === 'error') return { error: answer.errors }
    const single = answer.result
    return { result: answer.overallResult, type: answer.resultType, ignored: single?.ignoredContextKeys ?? [], analysis: simulation.explain ? answer : undefined }
  } catch (error) {
    return { error: { message: String(error) } }
  }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  if (line) process.stdout.write(JSON.stringify(await answerTo(JSON.parse(line))) + '\n')
}
