import { useEffect, useState } from 'react';
import { useSession } from '../data/session.tsx';

/** Whether there is a connection; `since` is when that became so. */
export interface Link {
  readonly up: boolean;
  readonly since: number;
}

/** The connection of now: what is on the screen is as old as `since` while it is down. */
export function useLink(): Link {
  const { client } = useSession();
  const [link, setLink] = useState<Link>(() => ({ up: client.state.kind === 'open', since: Date.now() }));
  useEffect(() => {
    const take = () => {
      const up = client.state.kind === 'open';
      setLink((was) => (was.up === up ? was : { up, since: Date.now() }));
    };
    take();
    return client.onState(take);
  }, [client]);
  return link;
}
