import { describe, expect, it } from 'vitest';
import { mixinKey, signedQuery } from '../../../src/platforms/bilibili/wbi.js';

const IMAGE = 'https://i0.hdslb.com/bfs/wbi/7cd084941338484aae1ad9425b84077c.png';
const SUB = 'https://i0.hdslb.com/bfs/wbi/4932caff0ff746eab6f01bf08b70ac45.png';

// The vector is published in bilibili-API-collect, docs/misc/sign/wbi.md.
describe('WBI signature', () => {
  it('mixes the published keys into the published key', () => {
    expect(mixinKey(IMAGE, SUB)).toBe('ea1db124af3c7062474693fa704f4ff8');
  });

  it('signs the published parameters as published, in whatever order they are given', () => {
    const mixin = 'ea1db124af3c7062474693fa704f4ff8';
    const signed = 'bar=514&foo=114&wts=1702204169&zab=1919810&w_rid=8f6f2b5b3d485fe1886cec6a0be8c5d4';
    expect(signedQuery({ foo: '114', bar: '514', zab: '1919810' }, mixin, 1702204169)).toBe(signed);
    expect(signedQuery({ zab: '1919810', bar: '514', foo: '114' }, mixin, 1702204169)).toBe(signed);
  });

  it("takes !'()* out of values, writes a space as %20 and hex digits in capitals", () => {
    expect(signedQuery({ q: "a b!'()*+/弹" }, 'x', 1)).toMatch(/^q=a%20b%2B%2F%E5%BC%B9&wts=1&w_rid=[0-9a-f]{32}$/);
  });

  it('makes no key of addresses that hold none', () => {
    expect(mixinKey(IMAGE, 'https://i0.hdslb.com/bfs/wbi/.png')).toBeUndefined();
    expect(mixinKey('', SUB)).toBeUndefined();
  });
});
