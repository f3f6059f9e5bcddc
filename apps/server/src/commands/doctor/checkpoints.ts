import { type CheckpointTarget, checkpointProblem } from '@omanager/contract';
import type { Config } from '../../config.ts';
import type { Database } from '../../db/database.ts';
import { checkpointPlaces, readTargets } from '../../features/audit/ledger/checkpointStates.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const check = 'checkpoints';

/** Whether checkpoints of the audit's ledger leave, by what the server noted when it last sent some. */
export async function checkCheckpoints(db: Database, { checkpoints, dataDir }: Config): Promise<Finding[]> {
  const targets = await readTargets(db.knex, checkpointPlaces(checkpoints));
  if (targets.length === 0) {
    const mend = 'set OM_CHECKPOINT_SYSLOG, OM_CHECKPOINT_WEBHOOK or OM_CHECKPOINT_FILE';
    return [warning(check, 'none leaves: an old copy of the audit could not be told from the newest', mend)];
  }
  const findings = targets.map(findingOf);
  const inside = checkpoints.file?.startsWith(dataDir) === true && targets.length === 1;
  if (inside && findings.every(({ level }) => level === 'ok')) {
    const mend =
      'set OM_CHECKPOINT_SYSLOG or OM_CHECKPOINT_WEBHOOK, or OM_CHECKPOINT_FILE to a disk of another machine';
    findings.push(warning(check, 'they stay beside the database: who can change the one can change the other', mend));
  }
  return findings;
}

function findingOf(target: CheckpointTarget): Finding {
  const { kind, place, receipt, sent, behind, failure } = target;
  const newest = sent === null ? 'nothing was sent yet' : `block ${sent.block} was sent at ${sent.at}`;
  const wrong = checkpointProblem(target);
  if (wrong && failure) {
    const how = `${kind} ${place}: ${wrong.message}, since ${failure.since}; ${newest}, ${behind} made since then`;
    return problem(check, how, wrong.mend);
  }
  return ok(check, `${kind} ${place}: ${newest}${receipt ? '' : '; by UDP nobody says whether it arrived'}`);
}
