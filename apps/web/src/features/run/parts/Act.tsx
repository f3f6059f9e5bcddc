import { Button, type ButtonProps } from '@mantine/core';
import type { ReactNode } from 'react';

/** A button that says why it is of no use instead of vanishing: it keeps its place in the tab order and does nothing. */
export function Act({
  why,
  hint,
  onClick,
  children,
  ...look
}: ButtonProps & { why: string | null; hint?: string; onClick: () => void; children: ReactNode }) {
  return (
    <Button
      {...look}
      {...(hint !== undefined && { title: hint })}
      {...(why !== null && { 'data-disabled': true, 'aria-disabled': true, title: why })}
      onClick={why === null ? onClick : (event) => event.preventDefault()}
    >
      {children}
    </Button>
  );
}
