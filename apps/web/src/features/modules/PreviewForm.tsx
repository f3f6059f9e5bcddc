import type { ModuleCheck } from '@omanager/contract';
import { ParamTable } from './ParamTable.tsx';

interface Props {
  schema: Readonly<Record<string, unknown>>;
  values: Record<string, unknown>;
  problems: ModuleCheck['paramProblems'];
  onChange: (values: Record<string, unknown>) => void;
}

/** The form as the composer shows it. */
export function PreviewForm({ schema }: Props) {
  return <ParamTable schema={schema} />;
}
