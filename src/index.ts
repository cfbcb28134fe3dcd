export class Incident{}; export default {}
