/** Something that the person at the keyboard has to do; shown without a stack. */
export class HouseError extends Error {
  /**
   * @param {string} message what is wrong
   * @param {string} remedy what to type or do
   * @param {string} [output] what the failing command printed
   */
  constructor(message, remedy, output = '') {
    super(message);
    this.name = 'HouseError';
    this.remedy = remedy;
    this.output = output;
  }
}
