/** The mark of OManager: a hub and those around it. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.2"
      aria-hidden="true"
    >
      <path d="M4.5 14.5A8 8 0 0 1 14.5 4.5M19.5 9.5A8 8 0 0 1 9.5 19.5" strokeLinecap="round" />
      <circle cx="12" cy="12" r="3.2" />
      <circle cx="18.2" cy="5.8" r="2.2" fill="var(--accent)" stroke="none" />
      <circle cx="5.8" cy="18.2" r="2.2" fill="var(--accent)" stroke="none" />
    </svg>
  );
}
