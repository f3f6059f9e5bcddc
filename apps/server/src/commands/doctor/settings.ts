import { type Config, ConfigError, readConfig, settingNames } from '../../config.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** The settings themselves. Without a config nothing else can be looked at. */
export function checkSettings(env: Surroundings['env']): { config: Config | null; findings: Finding[] } {
  const findings: Finding[] = [];
  const given = Object.keys(env).filter((name) => name.startsWith('OM_') && env[name] !== '');
  const known = new Set(settingNames);
  for (const name of given.filter((one) => !known.has(one) && !ofClient.has(one))) {
    findings.push(
      warning('settings', `${name} is no setting of OMServer`, 'correct its name (docs/operating.md) or remove it'),
    );
  }
  try {
    const config = readConfig(env);
    findings.push(
      ok('settings', `${given.filter((name) => known.has(name)).length} given, all valid`),
      ...exposure(config),
    );
    return { config, findings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const line of error.message.split('\n')) findings.push(problem('settings', line, 'correct this setting'));
    return { config: null, findings };
  }
}

/** Read by om, which may run in the same shell. */
const ofClient: ReadonlySet<string> = new Set(['OM_PROFILE', 'OM_HOME']);

function exposure({ listen, tls, trustedProxies, publicUrl }: Config): Finding[] {
  const local = listen.host === 'localhost' || listen.host === '::1' || listen.host.startsWith('127.');
  const everywhere = listen.host === '0.0.0.0' || listen.host === '::';
  const findings: Finding[] = [];
  if (!local && !tls && trustedProxies.length === 0) {
    findings.push(
      warning(
        'exposure',
        `${listen.host} is open to the network without TLS: the sealed channel protects itself, but API tokens are refused`,
        'set OM_TLS_CERT and OM_TLS_KEY, or listen on 127.0.0.1 behind a TLS proxy named in OM_TRUSTED_PROXIES',
      ),
    );
  }
  if (everywhere && !publicUrl) {
    findings.push(
      warning('exposure', 'invite links will name localhost', 'set OM_PUBLIC_URL to the address that clients use'),
    );
  }
  return findings;
}
