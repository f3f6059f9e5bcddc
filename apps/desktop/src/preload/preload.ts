import type { DesktopBridge } from '@omanager/desktop-bridge';
import { contextBridge, ipcRenderer } from 'electron';

// No logic here, and nothing of Electron's own reaches the page: two channels, checked in the main process.
const bridge: DesktopBridge = {
  request: (name, params) => ipcRenderer.invoke('omanager:request', name, params),
  onEvent(listener) {
    const hear = (_: unknown, event: unknown): void => listener(event);
    ipcRenderer.on('omanager:event', hear);
    return () => void ipcRenderer.off('omanager:event', hear);
  },
};
contextBridge.exposeInMainWorld('omanager', bridge);
