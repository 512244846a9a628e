export { type ErrorCode, errorCodes } from './codes.ts';
export { DeliveryError, type Fault } from './delivery-error.ts';
