/** Many in, one gate, one out. Takes the accent; decorative, since the name stands beside it. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <rect width="64" height="64" rx="14" fill="var(--osf-accent)" />
      <g stroke="var(--osf-on-accent)" strokeWidth="5.5" strokeLinecap="round">
        <path d="M13 20h13M13 32h13M13 44h13" opacity="0.75" />
        <path d="M37 13v38" />
        <path d="M46 32h6" />
      </g>
    </svg>
  );
}
