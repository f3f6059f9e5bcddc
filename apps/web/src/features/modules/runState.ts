import { type RunState, runStateSchema } from '@omanager/contract';

/** A newer server may know states that this client does not. */
export const isRunState = (state: string): state is RunState => runStateSchema.safeParse(state).success;
