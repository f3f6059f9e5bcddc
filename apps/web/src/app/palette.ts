/** Asks for the palette to open, from wherever; `Palette` listens. */
export const paletteEvent = 'om-palette';
export const openPalette = (): void => void window.dispatchEvent(new Event(paletteEvent));
