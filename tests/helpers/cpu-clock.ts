/**
 * Milliseconds of CPU that this thread has used. What a piece of code costs is told by it, however busy the machine is.
 */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
