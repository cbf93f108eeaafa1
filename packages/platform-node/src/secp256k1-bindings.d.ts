// The package declares nothing for its native half. This is what we use of it.
declare module 'secp256k1/bindings.js' {
  type Secp256k1 = {
    readonly publicKeyCreate: (privateKey: Uint8Array, compressed: boolean) => Uint8Array;
    readonly ecdsaSign: (
      digest: Uint8Array,
      privateKey: Uint8Array,
    ) => { readonly signature: Uint8Array; readonly recid: number };
    readonly ecdsaRecover: (
      signature: Uint8Array,
      recovery: number,
      digest: Uint8Array,
      compressed: boolean,
    ) => Uint8Array;
    readonly ecdsaVerify: (
      signature: Uint8Array,
      digest: Uint8Array,
      publicKey: Uint8Array,
    ) => boolean;
  };
  const secp256k1: Secp256k1;
  export = secp256k1;
}
