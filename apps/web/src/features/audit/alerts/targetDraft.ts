import { type AlertTarget, alertEmailSchema, type ParamsIn } from '@omanager/contract';

/** What stands in the form of a target. Address and secret are empty while those that are stored stay. */
export interface TargetDraft {
  name: string;
  kind: AlertTarget['kind'];
  url: string;
  secret: string;
  /** The stored secret shall go, and no other come. */
  noSecret: boolean;
  from: string;
  to: string[];
  user: string;
  least: AlertTarget['least'];
  withCommand: boolean;
  enabled: boolean;
}

export function draftOf(target: AlertTarget | null): TargetDraft {
  return {
    ...{ name: target?.name ?? '', kind: target?.kind ?? 'webhook', url: '', secret: '', noSecret: false },
    ...{ from: target?.email?.from ?? '', to: target?.email?.to ?? [], user: target?.email?.user ?? '' },
    ...{ least: target?.least ?? 'warning', withCommand: target?.withCommand ?? true },
    enabled: target?.enabled ?? true,
  };
}

/** What is wanted in the field of the secret: nothing, the stored one anew, or the password of a user. */
export function secretWanted(target: AlertTarget | null, draft: TargetDraft): 'secretAnew' | 'passwordNeeded' | null {
  if (draft.secret !== '') return draft.kind === 'email' && draft.user.trim() === '' ? 'passwordNeeded' : null;
  const signsIn = draft.kind === 'email' && draft.user.trim() !== '';
  if (draft.kind === 'email' && !signsIn) return null;
  const moved = draft.url.trim() !== '' || (signsIn && draft.user.trim() !== target?.email?.user);
  if (target?.hasSecret && moved && !draft.noSecret) return 'secretAnew';
  return signsIn && !target?.hasSecret ? 'passwordNeeded' : null;
}

export function isReady(target: AlertTarget | null, draft: TargetDraft): boolean {
  const { name, kind, url } = draft;
  if (name.trim() === '' || secretWanted(target, draft) !== null) return false;
  if (kind === 'email' && !alertEmailSchema.safeParse(emailOf(draft)).success) return false;
  return (target !== null && url.trim() === '') || URL.canParse(url.trim());
}

/** What is sent for a new target. */
export function newTarget(draft: TargetDraft): ParamsIn<'alertTargets.add'>['target'] {
  const { kind, url, secret } = draft;
  return { ...shown(draft), kind, url: url.trim(), ...(secret !== '' && { secret }) };
}

/** What is sent to change a target: nothing of what stays. */
export function changedTarget(target: AlertTarget, draft: TargetDraft): ParamsIn<'alertTargets.update'>['target'] {
  const { kind, url, secret, user, noSecret } = draft;
  const none = target.hasSecret && (kind === 'email' ? user.trim() === '' : noSecret);
  return {
    ...shown(draft),
    ...(url.trim() !== '' && { url: url.trim() }),
    ...(secret !== '' ? { secret } : none && { secret: null }),
  };
}

function shown(draft: TargetDraft) {
  const { name, enabled, least, withCommand, kind } = draft;
  return { name: name.trim(), enabled, least, withCommand, ...(kind === 'email' && { email: emailOf(draft) }) };
}

function emailOf({ from, to, user }: TargetDraft) {
  return { from: from.trim(), to, ...(user.trim() !== '' && { user: user.trim() }) };
}
