import { useRoute } from 'wouter';
import { EditorPage } from './EditorPage.tsx';
import { Library } from './Library.tsx';

/** `/modules`, `/modules/<id>`, `/modules/<id>/edit`, and `/modules/_new`, which can be no id. */
export default function Page() {
  const [, params] = useRoute('/modules/*?');
  const [id, what] = (params?.['*'] ?? '').split('/').map(decodeURIComponent);
  if (id === '_new') return <EditorPage key="_new" id={null} />;
  if (id && what === 'edit') return <EditorPage key={id} id={id} />;
  return <Library id={id || null} />;
}
