"""What goes out to a collector: OpenTelemetry's traces, metrics and logs; docs/monitoring/opentelemetry.md."""
