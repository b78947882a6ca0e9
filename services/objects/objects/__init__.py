"""Where photos are kept, by name: a folder, or whatever speaks S3. Intake writes there, casework reads and erases."""
