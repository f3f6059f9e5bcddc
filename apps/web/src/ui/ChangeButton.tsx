import { Button, type ButtonProps } from '@mantine/core';
import { useBlockWords } from '../data/useBlockWords.ts';

type Props = ButtonProps & Omit<React.ComponentPropsWithoutRef<'button'>, keyof ButtonProps>;

/** A button whose press changes something on the server: while nothing may be changed from here it says why instead. */
export function ChangeButton({ disabled, title, ...rest }: Props) {
  const block = useBlockWords();
  return (
    <Button
      {...rest}
      disabled={(disabled ?? false) || block !== null}
      {...(block !== null ? { title: block } : title !== undefined ? { title } : {})}
    />
  );
}
