import { useId } from 'react';

/** The mark of OManager: a hub, those around it, and the one that is worked on. */
export function Mark({ size = 22 }: { size?: number }) {
  const gap = useId();
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
      <mask id={gap}>
        <rect width="24" height="24" fill="white" />
        <circle cx="17.66" cy="6.34" r="4.1" fill="black" />
      </mask>
      <circle cx="12" cy="12" r="8" fill="none" stroke="currentColor" strokeWidth="1.9" mask={`url(#${gap})`} />
      <circle cx="6.34" cy="6.34" r="2.4" />
      <circle cx="6.34" cy="17.66" r="2.4" />
      <circle cx="17.66" cy="17.66" r="2.4" />
      <path d="M12 12 17.66 6.34" stroke="var(--accent)" strokeWidth="1.9" />
      <circle cx="17.66" cy="6.34" r="2.6" fill="var(--accent)" />
      <circle cx="12" cy="12" r="2.8" fill="var(--accent)" />
    </svg>
  );
}
