/** Stands in for the electron package in tests; whatever a test needs of it, the test hands in itself. */
export default {};
