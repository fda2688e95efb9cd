// nestjs-cls is CommonJS and Nest is ESM: required first from there, Jest's loader sees a cycle and gives up.
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
