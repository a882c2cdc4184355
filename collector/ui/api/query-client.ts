// How often is asked again, and after what.
import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './client.ts'

/** What a person did wrong, or may not, is not mended by asking again. */
const isLasting = (error: unknown) => error instanceof ApiError && error.status >= 400 && error.status < 500

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => !isLasting(error) && failures < 1,
      retryDelay: 700,
      staleTime: 2_000,
      gcTime: 10 * 60_000,
      // A browser that believes itself offline still reaches loopback.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always', retry: false },
  },
})
