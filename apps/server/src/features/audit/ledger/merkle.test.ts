import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashLeaf, pathOf, rootFromPath, rootOf } from './merkle.ts';

// The test vectors that implementations of RFC 6962 share.
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const leaves = inputs.map((hex) => hashLeaf(Buffer.from(hex, 'hex')));
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const anyLeaves = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: 70 });

describe('a Merkle tree', () => {
  it('has the roots of RFC 6962', () => {
    for (const [count, root] of roots.entries()) expect(rootOf(leaves.slice(0, count)).toString('hex')).toBe(root);
  });

  it('proves each of its leaves, at its own place only', () => {
    fc.assert(
      fc.property(anyLeaves, fc.nat(), (some, at) => {
        const index = at % some.length;
        const leaf = some[index] ?? new Uint8Array();
        const path = pathOf(index, some);
        const root = rootOf(some);
        expect(rootFromPath(leaf, index, some.length, path)).toEqual(root);
        const elsewhere = (index + 1) % some.length;
        if (some.length > 1) expect(rootFromPath(leaf, elsewhere, some.length, path)).not.toEqual(root);
        expect(rootFromPath(leaf, index, some.length, [...path, root])).toBeNull();
        if (path.length > 0) expect(rootFromPath(leaf, index, some.length, path.slice(1))).not.toEqual(root);
      }),
    );
  });

  it('changes its root with every bit of every leaf', () => {
    fc.assert(
      fc.property(anyLeaves, fc.nat(), fc.nat({ max: 255 }), (some, at, bit) => {
        const changed = some.map((leaf) => Uint8Array.from(leaf));
        const leaf = changed[at % some.length];
        const byte = bit >> 3;
        if (leaf) leaf[byte] = (leaf[byte] ?? 0) ^ (1 << (bit & 7));
        expect(rootOf(changed)).not.toEqual(rootOf(some));
      }),
    );
  });
});
