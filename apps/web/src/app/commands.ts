import { useEffect, useEffectEvent } from 'react';

const commandEvent = 'om-command';

/** Says that an entry of the desktop's native menu was chosen that no page stands for; who can do it listens. */
export function sayCommand(command: string): void {
  window.dispatchEvent(new CustomEvent(commandEvent, { detail: command }));
}

export function useCommand(command: string, act: () => void): void {
  const run = useEffectEvent(act);
  useEffect(() => {
    const hear = (event: Event): void => {
      if (event instanceof CustomEvent && event.detail === command) run();
    };
    window.addEventListener(commandEvent, hear);
    return () => window.removeEventListener(commandEvent, hear);
  }, [command]);
}
