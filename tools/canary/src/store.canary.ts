import '@nestjs/cqrs'; // forbidden
import 'class-validator'; // forbidden
import '@factflow/server'; // forbidden
import '@factflow/postgres'; // forbidden
import '@factflow/domain/testing'; // forbidden
import '@factflow/domain';
import 'typeorm';
import 'pg';
