// The rows that both sides start from, open tickets first.
import type { NewTicket } from './ticket-store.ts'

export const seedTickets: NewTicket[] = [
  { subject: 'Invoice shows the old address', status: 'open', priority: 'high', labels: ['billing', 'address'] },
  { subject: 'Refund was booked twice', status: 'open', priority: 'high', labels: ['billing'] },
  { subject: 'Export to CSV drops umlauts: "Größe"', status: 'open', priority: 'normal', labels: ['export'] },
  { subject: 'Password mail arrives late', status: 'open', priority: 'normal', labels: ['mail'] },
  { subject: 'Dark mode hides the save button', status: 'open', priority: 'low', labels: ['ui'] },
  { subject: 'Attachment over 10 MB is refused', status: 'pending', priority: 'normal', labels: ['upload'] },
  { subject: 'Search finds closed tickets', status: 'pending', priority: 'low', labels: ['search'] },
  { subject: 'Phone number with + is cut', status: 'pending', priority: 'normal', labels: ['address'] },
  { subject: 'Time zone of reports is wrong', status: 'closed', priority: 'normal', labels: ['export'] },
  { subject: 'Login loop on old browsers', status: 'closed', priority: 'high', labels: ['ui'] },
  { subject: 'Mail signature appears twice', status: 'closed', priority: 'low', labels: ['mail'] },
  { subject: 'Typing error on the start page', status: 'closed', priority: 'low', labels: [] },
]
