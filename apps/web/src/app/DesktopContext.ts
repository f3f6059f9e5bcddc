import { createContext, useContext } from 'react';
import type { Desktop } from '../session/desktopPort.ts';

/** Null in a browser. */
export const DesktopContext = createContext<Desktop | null>(null);
export const useDesktop = (): Desktop | null => useContext(DesktopContext);
