import css from './SignIn.module.css';

const rings = [150, 290, 430, 570];
const spokes =
  'M764 436L869 449 M761 447L1247 648 M755 457L1061 691 M747 465L897 660 M737 471L778 569 M726 474L795 995 M714 474L664 856 M703 471L609 698 M693 465L629 549 M685 457L268 777 M679 447L323 595 M676 436L433 468 M676 424L571 411 M679 413L193 212 M685 403L379 169 M693 395L543 200 M703 389L662 291 M714 386L645 -135 M726 386L776 4 M737 389L831 162 M747 395L811 311 M755 403L1172 83 M761 413L1117 265 M764 424L1007 392';
const ends: readonly (readonly [number, number])[] = [
  [869, 449],
  [1247, 648],
  [1061, 691],
  [897, 660],
  [778, 569],
  [795, 995],
  [664, 856],
  [609, 698],
  [629, 549],
  [268, 777],
  [323, 595],
  [433, 468],
  [571, 411],
  [193, 212],
  [379, 169],
  [543, 200],
  [662, 291],
  [645, -135],
  [776, 4],
  [831, 162],
  [811, 311],
  [1172, 83],
  [1117, 265],
  [1007, 392],
];

/** Only decoration: a hub and the servers around it. */
export function Backdrop() {
  return (
    <svg className={css.backdrop} viewBox="0 0 1096 876" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      {rings.map((r) => (
        <circle key={r} cx="720" cy="430" r={r} />
      ))}
      <path d={spokes} />
      {ends.map(([x, y]) => (
        <circle key={`${x} ${y}`} className={css.backdropEnd} cx={x} cy={y} r="4" />
      ))}
    </svg>
  );
}
